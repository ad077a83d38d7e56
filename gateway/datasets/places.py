"""Where the invented people live: real cities, with telephone numbers that are set aside for fiction."""

from typing import NamedTuple


class Country(NamedTuple):
    """A country: its name, the locale of its people's names, and what they pay in."""

    name: str
    locale: str
    currency: str


class Place(NamedTuple):
    """A city. In `phone`, each # stands for a digit."""

    city: str
    province: str
    country: Country
    latitude: float
    longitude: float
    phone: str


US = Country("United States", "en_US", "USD")
GB = Country("United Kingdom", "en_GB", "GBP")
DE = Country("Germany", "de_DE", "EUR")
FR = Country("France", "fr_FR", "EUR")

# Sources: 555-0100 to 0199 of each North American area code; Ofcom, Bundesnetzagentur and Arcep on numbers for drama.
GB_PHONE, DE_PHONE, FR_PHONE = "+447700900###", "+4917139200##", "+3363998####"

PLACES = (
    Place("New York", "New York", US, 40.71, -74.01, "+121255501##"),
    Place("Chicago", "Illinois", US, 41.88, -87.63, "+131255501##"),
    Place("Seattle", "Washington", US, 47.61, -122.33, "+120655501##"),
    Place("Austin", "Texas", US, 30.27, -97.74, "+151255501##"),
    Place("Denver", "Colorado", US, 39.74, -104.99, "+130355501##"),
    Place("Boston", "Massachusetts", US, 42.36, -71.06, "+161755501##"),
    Place("London", "England", GB, 51.51, -0.13, GB_PHONE),
    Place("Manchester", "England", GB, 53.48, -2.24, GB_PHONE),
    Place("Edinburgh", "Scotland", GB, 55.95, -3.19, GB_PHONE),
    Place("Cardiff", "Wales", GB, 51.48, -3.18, GB_PHONE),
    Place("Berlin", "Berlin", DE, 52.52, 13.41, DE_PHONE),
    Place("Hamburg", "Hamburg", DE, 53.55, 9.99, DE_PHONE),
    Place("München", "Bayern", DE, 48.14, 11.58, DE_PHONE),
    Place("Köln", "Nordrhein-Westfalen", DE, 50.94, 6.96, DE_PHONE),
    Place("Leipzig", "Sachsen", DE, 51.34, 12.37, DE_PHONE),
    Place("Paris", "Île-de-France", FR, 48.86, 2.35, FR_PHONE),
    Place("Lyon", "Auvergne-Rhône-Alpes", FR, 45.76, 4.84, FR_PHONE),
    Place("Marseille", "Provence-Alpes-Côte d'Azur", FR, 43.30, 5.37, FR_PHONE),
    Place("Nantes", "Pays de la Loire", FR, 47.22, -1.55, FR_PHONE),
)
