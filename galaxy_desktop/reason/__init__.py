"""The language model and its graph of agents: the only folder that knows LangGraph and llama.cpp."""
