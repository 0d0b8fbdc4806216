#!/bin/sh
# Trunk's post-build hook: puts what needs no building into the bundle.
# Every file of `public/` except the page Trunk has just processed is copied as
# it is, so a new policy or language needs no entry anywhere else, and the style
# sheets are joined in the order of their numbers.
set -eu

for entry in public/*; do
    [ "$entry" = public/index.html ] || cp -R "$entry" "$TRUNK_STAGING_DIR/"
done
cat style/*.css > "$TRUNK_STAGING_DIR/casement.css"
