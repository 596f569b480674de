"""The tables of providers of language models; their keys are in the keyring and nowhere here."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class ProviderRow(SQLModel, table=True):
    """A provider that a person added; prices are per million tokens."""

    __tablename__ = "provider"

    name: str = Field(primary_key=True)
    kind: str
    address: str
    model: str
    price_in: float | None = None
    price_out: float | None = None
    tokens_a_day: int | None = None
    money_a_day: float | None = None
    has_key: bool = False
    added_at: datetime


class ProviderConsentRow(SQLModel, table=True):
    """A person agreed to what a purpose sends to a provider at an address."""

    __tablename__ = "provider_consent"

    provider: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    address: str
    at: datetime


class ProviderUseRow(SQLModel, table=True):
    """What a provider used on a day for a purpose."""

    __tablename__ = "provider_use"

    day: date = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    requests: int
    estimated: int
    tokens_in: int
    tokens_out: int
    cost: float | None = None
