#!/bin/sh
# Makes the committed extracts from the two source folders; the same input gives the same bytes (gzip -n).
# usage: extract.sh FOLDER_WITH_google-2011-jobs_AND_azure-functions-2019-500
# needs: POSIX sh, awk, sort, gzip
set -eu
source=${1:?usage: extract.sh SOURCE}
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C

# --- google-2011-jobs: jobs that are present on at least 9 of the 10 days, as one wide table per metric
google=$here/google-2011-jobs
usage=$source/google-2011-jobs/usage.csv.gz
jobs=$(mktemp)
trap 'rm -f "$jobs"' EXIT
gzip -dc "$usage" | awk -F, '
    NR > 1 { rows[$3]++; if (!(($3, $1) in seen)) { seen[$3, $1] = 1; days[$3]++ } }
    END { for (j in days) if (days[j] >= 9) print j, rows[j] }' | sort -n > "$jobs"
awk '
    BEGIN { print "vm,cores,mem_capacity_mb,job,missing_share" }
    { printf "vm%03d,4,16384,%s,%.4g\n", NR, $1, 1 - $2 / 2880 }' "$jobs" > "$google/vms.csv"

wide() { # wide COLUMN FILE
    gzip -dc "$usage" | awk -F, -v column="$1" -v jobs="$jobs" '
        BEGIN {
            start = 1304294400 # 2011-05-02T00:00:00Z: nominal, see the README
            header = "unix_time"
            while ((getline line < jobs) > 0) { split(line, f, " "); job[++n] = f[1]; header = header sprintf(",vm%03d", n) }
        }
        NR > 1 { value[($1 - 1) * 288 + $2, $3] = $column }
        END {
            print header
            for (s = 0; s < 2880; s++) {
                row = start + 300 * s
                for (i = 1; i <= n; i++) row = row "," value[s, job[i]]
                print row
            }
        }' | gzip -n -9 > "$2"
}
wide 4 "$google/cpu_pct.csv.gz"
wide 5 "$google/mem_pct.csv.gz"

# --- azure-functions-2019: the source's sample of 100 functions, and f001-f020 so that no single function makes most calls
azure=$here/azure-functions-2019
gzip -dc "$source/azure-functions-2019-500/functions.csv.gz" | awk -F, -v OFS=, '
    NR == 1 || $20 == 1 || ($1 >= "f001" && $1 <= "f020") { NF = 18; print }' > "$azure/functions.csv"
gzip -dc "$source/azure-functions-2019-500/invocations.csv.gz" | awk -F, -v functions="$azure/functions.csv" '
    BEGIN { while ((getline line < functions) > 0) { split(line, f, ","); kept[f[1]] = 1 } }
    NR == 1 || $2 in kept' | gzip -n -9 > "$azure/invocations.csv.gz"
