"""The products of the demo shop: invented, since the source says that a product was viewed and not which."""

from typing import NamedTuple


class Product(NamedTuple):
    """A product; its price is in hundredths of whatever the shopper pays in."""

    sku: str
    name: str
    category: str
    cents: int


class Item(NamedTuple):
    """A line of a cart or an order."""

    product: Product
    quantity: int

    @property
    def cents(self) -> int:
        return self.product.cents * self.quantity


# More categories than the nine that a distribution shows one by one.
CATEGORIES = {
    "Shoes": ("Running shoes", "Trail shoes", "Rain boots", "Sandals", "Slippers"),
    "Jackets": ("Rain jacket", "Down jacket", "Fleece jacket", "Windbreaker", "Vest"),
    "Bags": ("Backpack", "Tote bag", "Duffel bag", "Belt bag", "Laptop sleeve"),
    "Kitchen": ("Coffee grinder", "Teapot", "Cast-iron pan", "Knife set", "Kettle"),
    "Lighting": ("Desk lamp", "Floor lamp", "Lantern", "Fairy lights", "Head torch"),
    "Audio": ("Headphones", "Earbuds", "Loudspeaker", "Turntable", "Radio"),
    "Books": ("Cookbook", "Atlas", "Crime novel", "Field guide", "Picture book"),
    "Garden": ("Secateurs", "Watering can", "Bird feeder", "Hammock", "Planter"),
    "Cycling": ("Helmet", "Bicycle lights", "Pannier", "Pump", "Gloves"),
    "Games": ("Chess set", "Jigsaw puzzle", "Card game", "Dominoes", "Dice"),
    "Bedding": ("Pillow", "Duvet", "Blanket", "Fitted sheet", "Bedspread"),
    "Stationery": ("Notebook", "Fountain pen", "Calendar", "Sketchbook", "Pencil case"),
}


def products() -> tuple[Product, ...]:
    """Return the products, the popular ones first; each category is among the popular."""
    rounds = [
        (category, names[place]) for place in range(len(CATEGORIES["Shoes"])) for category, names in CATEGORIES.items()
    ]
    return tuple(
        Product(f"P-{number:04}", name, category, 499 + number * 7_919 % 145 * 100)
        for number, (category, name) in enumerate(rounds, 1)
    )


PRODUCTS = products()
