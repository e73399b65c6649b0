"""Once a day people hear what still waits for them."""

from datetime import timedelta

from remediation import digest
from remediation.digest import SHOWN
from tests.builders import DATABRICKS_ID, REGISTRY_ID, databricks, event, registry
from tests.remediation.harness import CHANNELS, Bot


def test_where_nothing_waits_nothing_is_said(bot: Bot) -> None:
    digest.send(bot.services)
    bot.work()
    assert bot.told() == []


def test_what_waits_is_told_once_a_day_the_oldest_first(bot: Bot) -> None:
    ids = [f"{REGISTRY_ID}{number}" for number in range(SHOWN + 2)]
    for resource_id in ids:  # broken ones are asked about
        name = resource_id.rsplit("/", 1)[-1]
        bot.seed(registry("Basic", id=resource_id, name=name, properties={"provisioningState": "Failed"}))
        bot.see(event(resource_id, name))
    bot.clock.move(timedelta(days=2))
    bot.seed(databricks())
    bot.see(event(DATABRICKS_ID, "databricks"))
    before = len(bot.told())
    for _ in range(2):
        digest.send(bot.services)
        bot.work()
    for channel in CHANNELS:
        (text,) = bot.told(channel)[before:]
        assert f"{len(ids)} plans wait for an approval, 1 finding is for people to mend" in text
        assert "container-registry/premium-sku of crml0, for 2 days: Upgrade container registry crml0" in text
        assert "… and 2 more" in text
        assert "databricks/disaster-recovery of dbml, since today" in text
    bot.clock.move(timedelta(days=1))
    digest.send(bot.services)
    bot.work()
    assert len(bot.told()) == before + 2
