#!/bin/sh
# Makes 0.1.tar.xz beside this file: a project of two nights, built by the last version that kept a table per entity type.
#
#   tests/layouts/make.sh      from anywhere in a clone with its history, in the environment that the product runs in
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'git -C "$here" worktree remove --force "$work/code"; rm -rf "$work"' EXIT
git -C "$here" worktree add --quiet --detach "$work/code" 8f8372184fa50608e4b9e9a0afaf7ff0a49ca005
export PYTHONPATH="$work/code" PYTHONDONTWRITEBYTECODE=1
mkdir "$work/project"
cd "$work/project"
likare() { python -m flows.cli "$@"; }

cat > likare.toml <<'END'
[likare]
catalogue = "catalogue"
threads = 1
[[domain]]
name = "east"
title = "Öst"
[[domain]]
name = "west"
title = "Väst"
END
mkdir catalogue
cat > catalogue/catalogue.yaml <<'END'
catalogue: drawn
title: Drawn builds
areas:
  one: {title: One, weight: 1}
  two: {title: Two, weight: 3}
conventions:
  none: ["", "0"]
  dates: ["%Y-%m-%d"]
END
cat > catalogue/unit.yaml <<'END'
entity: unit
title: {sv: Enhet, en: Unit}
area: one
source: {table: UNIT, local_id: UNIT_ID}
keys: [name]
attributes:
  name: NAME
END
cat > catalogue/order.yaml <<'END'
entity: order
title: {sv: Ordination, en: Order}
area: two
source: {table: ORDERS, local_id: ORDER_ID}
keys: [name]
attributes:
  name: {column: NAME, compare: text, weight: 2}
  dose: {column: DOSE, compare: number, weight: 3}
  unit: {column: UNIT_ID, references: unit}
END
cat > catalogue/line.yaml <<'END'
entity: line
title: {sv: Rad, en: Line}
area: two
role: component
source: {table: LINE, local_id: LINE_ID}
parent: {entity: order, column: ORDER_ID}
keys: [[parent, number]]
attributes:
  number: NUMBER
  text: {column: TEXT, compare: text}
label: text
END

# The first night. No file of the catalogue describes the rooms.
east=data/incoming/east/2026-03-01 west=data/incoming/west/2026-03-01
mkdir -p "$east" "$west"
printf '%s\n' UNIT_ID,NAME 1,milligram 2,millilitre > "$east/UNIT.csv"
printf '%s\n' ORDER_ID,NAME,DOSE,UNIT_ID 11,Alvedon,500,1 12,Alvedon\ forte,1000,1 13,Bara\ här,1,2 14,Kalium,1,1 \
    15,Natriumklorid,9,2 > "$east/ORDERS.csv"
printf '%s\n' LINE_ID,ORDER_ID,NUMBER,TEXT 1,11,1,Svälj\ hel 2,11,2,Med\ vatten 3,14,1,Långsamt > "$east/LINE.csv"
printf '%s\n' UNIT_ID,NAME 71,milligram 72,gram > "$west/UNIT.csv"
printf '%s\n' ORDER_ID,NAME,DOSE,UNIT_ID 81,Alvedon,250,71 82,Alvedon\ forte,1000.0,71 84,Kalium,2,71 \
    85,Koksalt,9,72 > "$west/ORDERS.csv"
printf '%s\n' LINE_ID,ORDER_ID,NUMBER,TEXT 5,81,1,Svälj\ hel 6,81,2,Utan\ vatten 7,84,1,Långsamt > "$west/LINE.csv"
printf '%s\n' ROOM_ID,ROOM_NAME,BEDS 21,Sal\ 1,4 22,Sal\ 2,2 23,Sal\ 3,1 > "$east/ROOM.csv"
printf '%s\n' ROOM_ID,ROOM_NAME,BEDS 91,Sal\ 1,4 92,Sal\ 2,3 94,Sal\ 4,1 > "$west/ROOM.csv"
likare run

# What people ruled of it: two orders that no key matches are the same, one difference stays, another is to go.
tab=$(printf '\t')
mkdir crosswalk decisions
{
    echo "ruling domain_a label_a domain_b label_b reader role read_at keys_a keys_b" | tr ' ' "$tab"
    echo 'equal;east;Natriumklorid;west;Koksalt;AB;reader;2026-03-01T12:00:00;{"name": "Natriumklorid"};{"name": "Koksalt"}' |
        tr ';' "$tab"
} > crosswalk/order.tsv
dose=$(likare differences --entity order --text Alvedon --json | python -c '
import json, sys
print(*(d["difference_id"] for d in json.load(sys.stdin)["differences"] if d["attribute"] == "dose"))')
cat > decisions/drawn.yaml <<END
decisions:
  - id: D-1
    title: Dosen är lokal
    forum: Styrgrupp
    date: 2026-03-01
    covers: {difference: $dose}
    ruling: keep_local
    reason: Så är det
    owner: Förvaltning
  - id: D-2
    title: Raderna efter öst
    forum: Styrgrupp
    date: 2026-03-01
    covers: {rule: {entity: line, attribute: text}}
    ruling: adopt
    adopt: east
    reason: Så är det
    owner: Förvaltning
END
likare decisions record --all --by Sekreterare

# The second night: a value changed, a row gone, one between two others, the order another; the units as they were.
for domain in east west; do
    cp -r "data/incoming/$domain/2026-03-01" "data/incoming/$domain/2026-03-02"
done
printf '%s\n' ORDER_ID,NAME,DOSE,UNIT_ID 15,Natriumklorid,9,2 11,Alvedon,500,1 12,Alvedon\ forte,1000,1 \
    16,Ny\ ordination,3,1 14,Kalium,2,1 > data/incoming/east/2026-03-02/ORDERS.csv
printf '%s\n' LINE_ID,ORDER_ID,NUMBER,TEXT 5,81,1,Svälj\ hel 6,81,2,Utan\ vatten 7,84,1,Snabbt \
    > data/incoming/west/2026-03-02/LINE.csv
likare run

rm -rf data/site* data/.prefect data/tmp data/lock data/attempt.json
tar --sort=name --owner=0 --group=0 --numeric-owner -cf - -- * | xz -9e > "$here/0.1.tar.xz"
