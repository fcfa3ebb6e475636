#!/bin/sh
# Makes DejaVuSans-subset.ttf from the font of Debian's fonts-dejavu-core 2.37, with fonttools 4:
# Latin, Greek, super- and subscripts, letterlike symbols, arrows, operators, brackets, shapes.
# No hinting and no layout tables: pictures are drawn large and letter by letter.
set -eu
cd "$(dirname "$0")"
pyftsubset "${1:-/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf}" \
  --output-file=DejaVuSans-subset.ttf --no-hinting --layout-features= \
  --drop-tables+=GSUB,GPOS,GDEF,kern,FFTM,gasp,MATH,DSIG --no-recalc-timestamp \
  --name-IDs=0,1,2,3,4,5,6,13,14 \
  --unicodes="20-7E,A0-17F,192,2B0-2B8,2C6-2DD,2E1-2E3,300-304,307,308,30C,370-3FF,1D2C-1D6A,\
1E00-1EFF,2010-2044,2070-209F,2100-214F,2190-21FF,2200-22FF,2308-230B,25A0-25FF,27C2,27E6-27EF,\
2A7D,2A7E,2C7C,1D538-1D56B,FFFD"
