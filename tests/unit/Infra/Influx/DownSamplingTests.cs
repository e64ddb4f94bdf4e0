using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>That servers take it and count right is tested on real ones, see tests/integration.</summary>
public sealed class DownSamplingTests
{
    private static readonly DownSampling Hours = new(
        "vm\"step", "hourly", ["cell", "vm"], [new("cpu", DownSamplingFunction.Mean, "cpu"), new("free", DownSamplingFunction.Min, "free_min")], TimeSpan.FromHours(1), TimeSpan.FromDays(730));

    [Fact]
    public void A_continuous_query_looks_back_three_windows_and_quotes_every_name() => Assert.Equal(
        """CREATE CONTINUOUS QUERY "vm\"step_hourly" ON "db" RESAMPLE EVERY 1h FOR 3h BEGIN SELECT MEAN("cpu") AS "cpu", MIN("free") AS "free_min" INTO "db"."hourly"."vm\"step_hourly" FROM "vm\"step" GROUP BY time(1h), "cell", "vm" END""",
        Hours.ContinuousQuery("db"));

    [Fact]
    public void A_range_of_time_is_half_open() => Assert.Contains(
        "FROM \"vm\\\"step\" WHERE time >= 3600000000000 AND time < 7200000000000 GROUP BY",
        Hours.InfluxQl("db", (DateTimeOffset.UnixEpoch.AddHours(1), DateTimeOffset.UnixEpoch.AddHours(2))),
        StringComparison.Ordinal);

    [Fact]
    public void A_task_takes_whole_windows_and_writes_to_the_bucket_beside()
    {
        string flux = Hours.FluxTask("db");
        Assert.Contains("option task = {name: \"vm\\\"step_hourly\", every: 1h, offset: 5m}", flux, StringComparison.Ordinal);
        Assert.Contains("range(start: date.truncate(t: -3h, unit: 1h), stop: date.truncate(t: now(), unit: 1h))", flux, StringComparison.Ordinal);
        Assert.Contains("to(bucket: \"db-hourly\", tagColumns: [\"cell\", \"vm\"])", flux, StringComparison.Ordinal);
    }
}
