"""Computing over the events of a profile: pure functions, without a store and without a clock."""
