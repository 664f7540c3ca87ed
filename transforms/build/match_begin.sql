-- Before any level is matched: what the night before left is emptied.
DELETE FROM matched.item;
DELETE FROM matched.side;
DELETE FROM matched.ambiguous;
DELETE FROM matched.candidate;
DELETE FROM matched.nearest;
DELETE FROM matched.weighing;
