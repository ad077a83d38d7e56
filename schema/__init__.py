"""The GraphQL schema: a manifest of what each root field and type is served by."""

import strawberry


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "placeholder until the manifest lands"


schema = strawberry.Schema(Query)
