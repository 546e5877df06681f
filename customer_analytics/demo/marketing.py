"""The marketing tool: campaigns twice a week, and what customers do with them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from customer_analytics.demo.customers import Customers, Integers, customer_id
from customer_analytics.demo.days import Today, sorted_times
from customer_analytics.demo.records import MarketingEvent, record_id

TUESDAY, FRIDAY = 1, 4
CAMPAIGNS = {TUESDAY: "newsletter", FRIDAY: "offer"}
# Each campaign leaves out one group of customers in turn, to see what a campaign is worth.
GROUPS = 4
SEND_TIME_SECONDS = 8 * 3600
VIEWS_BY_WEEKDAY = (1.05, 1.10, 1.05, 1.00, 1.15, 0.85, 0.80)
VIEWS_PER_DAY = 0.32
CLICKED_SHARE = 0.28
UNSUBSCRIBED_SHARE = 0.012
OPENS_WITHIN_DAYS = 5


class Action(NamedTuple):
    """An event to come, before it has an id; sorts by time."""

    at: datetime
    customer: int
    event_type: str
    campaign_id: str


@dataclass
class MarketingTool:
    """Sends campaigns, and knows what recipients will still do with them."""

    latest_campaign: str = "welcome"
    to_come: list[Action] = field(default_factory=list)

    def run(self, today: Today, customers: Customers, rng: np.random.Generator) -> list[MarketingEvent]:
        """The day's events, in the order of their times; remembers who has unsubscribed."""
        if today.weekday in CAMPAIGNS:
            self._send(today, customers, rng)
        actions = self._due(today, customers) + self._views(today, customers, rng)
        for action in actions:
            if action.event_type == "unsubscribe":
                customers.subscribed[action.customer] = False
        return [
            MarketingEvent(
                event_id=record_id("marketing_events", today.date, number),
                customer_id=customer_id(action.customer),
                event_type=action.event_type,
                event_date=action.at,
                campaign_id=action.campaign_id,
            )
            for number, action in enumerate(sorted(actions), 1)
        ]

    def _send(self, today: Today, customers: Customers, rng: np.random.Generator) -> None:
        year, week, _ = today.date.isocalendar()
        self.latest_campaign = f"{year}-W{week:02d}-{CAMPAIGNS[today.weekday]}"
        everyone = np.arange(customers.count)
        recipients = everyone[customers.subscribed & (everyone % GROUPS != (week + today.weekday) % GROUPS)]
        for customer in recipients:
            sent = today.at(SEND_TIME_SECONDS + rng.uniform(0, 1200))
            self.to_come.append(Action(sent, int(customer), "email_sent", self.latest_campaign))
        # Those who have left still get the mail: the tool does not know. They no longer open it.
        opens = customers.active[recipients] & (rng.random(len(recipients)) < customers.opens_mail[recipients])
        self._respond(today, recipients[opens], rng)

    def _respond(self, today: Today, openers: Integers, rng: np.random.Generator) -> None:
        delays = np.minimum(rng.lognormal(1.4, 1.4, len(openers)), OPENS_WITHIN_DAYS * 24.0)
        for customer, hours in zip(openers.tolist(), delays, strict=True):
            opened = today.at(SEND_TIME_SECONDS + 1200 + hours * 3600)
            self.to_come.append(Action(opened, customer, "email_open", self.latest_campaign))
            later = opened + timedelta(seconds=int(rng.integers(5, 600)))
            fate = rng.random()
            if fate < CLICKED_SHARE:
                self.to_come.append(Action(later, customer, "email_click", self.latest_campaign))
            elif fate < CLICKED_SHARE + UNSUBSCRIBED_SHARE:
                self.to_come.append(Action(later, customer, "unsubscribe", self.latest_campaign))

    def _due(self, today: Today, customers: Customers) -> list[Action]:
        due = [action for action in self.to_come if action.at.date() == today.date]
        self.to_come = [action for action in self.to_come if action.at.date() > today.date]
        return [action for action in due if action.event_type == "email_sent" or customers.active[action.customer]]

    def _views(self, today: Today, customers: Customers, rng: np.random.Generator) -> list[Action]:
        expected = VIEWS_PER_DAY * VIEWS_BY_WEEKDAY[today.weekday] * customers.active
        viewers = rng.permutation(np.repeat(np.arange(customers.count), rng.poisson(expected)))
        times = sorted_times(rng, len(viewers), busiest_hours=(12.5, 19.5), spread_hours=2.4)
        return [
            Action(today.at(seconds), int(viewer), "campaign_view", self.latest_campaign)
            for seconds, viewer in zip(times, viewers, strict=True)
        ]
