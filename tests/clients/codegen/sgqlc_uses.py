"""Uses the types that sgqlc-codegen writes: prints operations that are made of them, for the test to check."""

import json

import sgqlc_schema as schema
from sgqlc.operation import Operation

read = Operation(schema.Query)
entry = read.profile(by={"email": "ann@example.com"}).timeline(first=5, filter={"kinds": ["NOTE"]}).edges().node()
entry.__fields__("id", "title", "actor", "__typename__")
entry.__as__(schema.ChangeEntry).fields()
entry.__as__(schema.NoteChange).note().__fields__("title", "version")

change = Operation(schema.Mutation)
options = schema.WriteOptions(dry_run=True, expected_version=1)
update = change.profile_update(id="prf_1", input=schema.ProfileUpdateInput(first_name="Ann"), options=options)
update.user_errors().__fields__("code", "field", "message")
update.user_errors().__as__(schema.VersionConflict).current_version()
update.changes().__as__(schema.AttributeChange).edits().before().__as__(schema.StringValue).string()

feed = Operation(schema.Subscription)
feed.activity(profile_id="prf_1", filter={"actions": ["page.visit"]}).node().__fields__("id", "occurred_at")

print(json.dumps([str(operation) for operation in (read, change, feed)]))  # noqa: T201 - this is how the test sees it
