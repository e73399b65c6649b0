"""A made-up estate: so many resources, in so many subscriptions, with the children that their rules read."""

from local.azure import SimulatedAzure
from local.estate import fill
from tests.builders import OTHER_SUBSCRIPTION, SUBSCRIPTION

BOTH = (SUBSCRIPTION, OTHER_SUBSCRIPTION)


def test_an_estate_is_spread_over_its_subscriptions() -> None:
    azure = SimulatedAzure()
    ids = fill(azure, 60, BOTH)
    assert len({*ids}) == 60
    for subscription in BOTH:
        assert len([each for each in ids if subscription in each]) == 30
    assert all(azure.body(each) for each in ids)


def test_children_are_there() -> None:
    azure = SimulatedAzure()
    ids = fill(azure, 120)
    (registry, *_) = (
        each
        for each in ids
        if "/registries/" in each and azure.world.of_type("Microsoft.ContainerRegistry/registries/replications", each)
    )
    replica = azure.world.of_type("Microsoft.ContainerRegistry/registries/replications", registry)[0]
    assert replica["id"].startswith(f"{registry}/replications/")


def test_the_same_seed_makes_the_same_estate() -> None:
    first, second = SimulatedAzure(), SimulatedAzure()
    assert fill(first, 30, seed=3) == fill(second, 30, seed=3)
