"""The tables of the language model's work: recorded runs, and answers that are kept for equal questions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class ModelRunRow(SQLModel, table=True):
    """A run of the agent graph with its prompts and answers; `prompts` and `body` are JSON."""

    __tablename__ = "model_run"
    __table_args__ = (Index("model_run_at", "at"),)

    run_id: str = Field(primary_key=True)
    sprint_id: str
    at: datetime
    model: str
    weights: str
    prompts: str
    body: str


class AnswerRow(SQLModel, table=True):
    """An answer to a question; made again when facts, model or prompts are others."""

    __tablename__ = "answer"
    __table_args__ = (Index("answer_at", "at"),)

    key: str = Field(primary_key=True)
    question: str
    facts: str
    model: str
    prompts: str
    at: datetime
    body: str


class NoticedRow(SQLModel, table=True):
    """A pattern that a model noticed; `evidence` is a JSON list of ids, `opinion` what a person said of it."""

    __tablename__ = "noticed"
    __table_args__ = (Index("noticed_sprint", "sprint_id"),)

    id: str = Field(primary_key=True)
    sprint_id: str
    kind: str
    text: str
    evidence: str
    model: str
    noticed_at: datetime
    opinion: str | None = None
    opinion_at: datetime | None = None
