"""Texts with stable ids, MiniLM embeddings and ChromaDB: search that returns evidence."""
