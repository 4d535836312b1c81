"""Fingerprints in words that two people can compare over the telephone: the list, and how bytes become words. Pure.

512 everyday words of four to seven letters, no two with the same first four letters or one letter apart: nine bits a word.
"""

from __future__ import annotations

#: So many words stand for a fingerprint: 72 bits, each of which costs who forges one the making of a key.
COUNT = 8
_BITS = 9
_TEXT = """
acorn actor adobe agate album alder algae alley aloe alpine amber anchor angle antler apple apron arbor arena
arrow ashes aspen atlas attic autumn avenue bacon badge bagel baker ballad bamboo banana banjo banner barber
barley barn basil basket beaver bedrock beech beetle belfry berry bicycle birch bison blanket blossom bluff
bonnet border bottle boulder bramble branch brass bread brick bridge bronze brook bubble bucket bugle bumper
burrow butter cabbage cabin cable cactus camel canal candle canoe canvas canyon carbon carpet carrot castle
cedar celery cellar cement ceramic chalk chapel cheese cherry chest cider cinema circus citrus clay cliff clock
clover coast cobalt cobra coconut coffee comet compass copper coral corner cotton cousin coyote cradle crane
crater crystal cuckoo curtain cypress daisy dancer dawn deck delta denim desert dial diamond dinner dipper
domino donkey donut dove dragon drawer drum dune dusk dwarf eagle earth easel echo eclipse elbow emerald engine
estate fabric falcon farmer fennel fern fiddle field finch finger flag flame flannel flint flute foam forest
fossil freckle frost fudge galaxy gallop garage garden garlic garnet gazelle gecko geyser giraffe glass glove
goat goblet gondola goose gorge granite grape gravel guitar gull hammer harp hazel hedge helmet heron hickory
hill hinge hive hockey hollow honey hood horizon hornet hotel humus husky iguana indigo inlet iris iron island
ivory jacket jaguar jasper jelly jewel jigsaw juice jungle juniper kayak kelp kernel kettle keyhole kiosk kite
kitten kiwi knee knight koala label lace ladder lagoon lamp larch lark lasso lattice laurel lava legend lemon
lens lentil lettuce lichen lilac lily lime linen lion lizard lobster locket lodge loft lotus lumber lunch lynx
magnet magpie mallet mango mantle maple marble market marsh mason meadow medal melon mentor mercury mesa meteor
mimosa mint mirror mole mosaic moss moth motor muffin museum musket mustard myrtle napkin nectar needle nest
nickel noodle north novel nugget nutmeg nylon oasis oatmeal oboe ocean office olive onion onyx opal opera orange
orbit orchid organ otter oven oxide oyster paddle pagoda palace palm panda panther papaya paper parade parcel
parsley pastry peach peanut pebble pencil penguin pepper petal piano picnic pigeon pillow pine pirate planet
plaza plum poem polka pond poplar poppy porch potato prairie prism puppet purple puzzle pyramid quail quarry
quill quiver rabbit raccoon radar radish raft raisin raven razor reef relay ribbon river robin roof rope rowboat
rubber ruby rudder runway saffron salmon salt sandal satin saucer scarf school scroll seal season seed shadow
shark sheriff shovel shrimp silver skate sketch sleigh slipper smoke snail soda solar soup spade sparrow spider
spiral sponge spruce square squid stable stamp stone stork straw sugar summit sunset swan sweater syrup tadpole
target tavern teapot temple tennis terrace thread thunder ticket tiger timber tomato topaz toucan tower tractor
train tree trout trumpet tulip tunnel turnip turtle tweed twig uncle unicorn urban urchin vanilla vapor vase
vault velvet verse village vinegar violin vista vivid voice volcano vulture wafer wagon walnut walrus wander
whale wheat wicker widget window winter wolf wombat wool wren wrist yacht yard yeast yellow yodel yogurt yolk
zebra zinc zone
"""
_LIST = _TEXT.split()


def of(data: bytes, count: int = COUNT) -> str:
    """`count` words for what `data` (a digest, at least nine bits a word) begins with, joined by blanks."""
    number = int.from_bytes(data, "big")
    top = 8 * len(data)
    return " ".join(_LIST[number >> (top - _BITS * place) & 511] for place in range(1, count + 1))


def same(said: str, wanted: str) -> bool:
    """Whether two fingerprints in words are equal, whatever stands between the words."""
    return _plain(said) == _plain(wanted)


def _plain(text: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in text.lower()).split()
