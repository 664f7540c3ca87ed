"""What a build consists of: the model of entity types and the loader of their YAML files."""

from transforms.catalogue.load import builtin_catalogues, load_catalogue, ordered
from transforms.catalogue.model import Attribute, Catalogue, Entity, Key, Reference

__all__ = ["Attribute", "Catalogue", "Entity", "Key", "Reference", "builtin_catalogues", "load_catalogue", "ordered"]
