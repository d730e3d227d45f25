"""The version of the engine; part of every calculation id."""

ENGINE_VERSION = "0.1.0"
