"""Where the invented people live: real cities with their clocks, telephone numbers that are set aside for fiction."""

from typing import NamedTuple


class Country(NamedTuple):
    """A country: its name, the locale of its people's names, and what they pay in."""

    name: str
    locale: str
    currency: str


class Place(NamedTuple):
    """A city. In `phone` and `post_code` each # stands for a digit and each ? for a letter; `zone` is an IANA name."""

    city: str
    province: str
    country: Country
    latitude: float
    longitude: float
    phone: str
    post_code: str
    zone: str


US = Country("United States", "en_US", "USD")
GB = Country("United Kingdom", "en_GB", "GBP")
DE = Country("Germany", "de_DE", "EUR")
FR = Country("France", "fr_FR", "EUR")

# Sources: 555-0100 to 0199 of each North American area code; Ofcom, Bundesnetzagentur and Arcep on numbers for drama.
GB_PHONE, DE_PHONE, FR_PHONE = "+447700900###", "+4917139200##", "+3363998####"

PLACES = (
    Place("New York", "New York", US, 40.71, -74.01, "+121255501##", "100##", "America/New_York"),
    Place("Chicago", "Illinois", US, 41.88, -87.63, "+131255501##", "606##", "America/Chicago"),
    Place("Seattle", "Washington", US, 47.61, -122.33, "+120655501##", "981##", "America/Los_Angeles"),
    Place("Austin", "Texas", US, 30.27, -97.74, "+151255501##", "787##", "America/Chicago"),
    Place("Denver", "Colorado", US, 39.74, -104.99, "+130355501##", "802##", "America/Denver"),
    Place("Boston", "Massachusetts", US, 42.36, -71.06, "+161755501##", "021##", "America/New_York"),
    Place("London", "England", GB, 51.51, -0.13, GB_PHONE, "SE1# #??", "Europe/London"),
    Place("Manchester", "England", GB, 53.48, -2.24, GB_PHONE, "M1# #??", "Europe/London"),
    Place("Edinburgh", "Scotland", GB, 55.95, -3.19, GB_PHONE, "EH1# #??", "Europe/London"),
    Place("Cardiff", "Wales", GB, 51.48, -3.18, GB_PHONE, "CF1# #??", "Europe/London"),
    Place("Berlin", "Berlin", DE, 52.52, 13.41, DE_PHONE, "10###", "Europe/Berlin"),
    Place("Hamburg", "Hamburg", DE, 53.55, 9.99, DE_PHONE, "20###", "Europe/Berlin"),
    Place("München", "Bayern", DE, 48.14, 11.58, DE_PHONE, "80###", "Europe/Berlin"),
    Place("Köln", "Nordrhein-Westfalen", DE, 50.94, 6.96, DE_PHONE, "50###", "Europe/Berlin"),
    Place("Leipzig", "Sachsen", DE, 51.34, 12.37, DE_PHONE, "04###", "Europe/Berlin"),
    Place("Paris", "Île-de-France", FR, 48.86, 2.35, FR_PHONE, "7501#", "Europe/Paris"),
    Place("Lyon", "Auvergne-Rhône-Alpes", FR, 45.76, 4.84, FR_PHONE, "6900#", "Europe/Paris"),
    Place("Marseille", "Provence-Alpes-Côte d'Azur", FR, 43.30, 5.37, FR_PHONE, "1300#", "Europe/Paris"),
    Place("Nantes", "Pays de la Loire", FR, 47.22, -1.55, FR_PHONE, "44#00", "Europe/Paris"),
)
