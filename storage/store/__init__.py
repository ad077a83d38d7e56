"""The store's own words: connection, declarations, tenancy, pages, ids, errors, and the bus. It knows no noun."""
