"""What a build consists of: the model of entity types and the loader of their YAML files."""

from transforms.catalogue.attribute import Attribute, Reference
from transforms.catalogue.entity import Entity
from transforms.catalogue.key import Key
from transforms.catalogue.load import builtin_catalogues, load_catalogue, ordered
from transforms.catalogue.model import Catalogue

__all__ = ["Attribute", "Catalogue", "Entity", "Key", "Reference", "builtin_catalogues", "load_catalogue", "ordered"]
