"""The asyncio shell without Qt: lanes, pipeline, schedule, alerts."""
