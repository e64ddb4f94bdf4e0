SELECT time_bucket(INTERVAL '1 hour', time) AS hour, cell, community, avg(free_cores) AS free_cores
FROM community_step
GROUP BY ALL
ORDER BY free_cores DESC
LIMIT 5
