using Pipeline.Infra.Influx;

namespace Pipeline.Processors.Store;

/// <summary>What of the stored measurements is kept in hours when the points themselves are gone; <c>schemas/influx.md</c> lists it.</summary>
public static class StoreLayout
{
    /// <summary>Suffix of measurements, retention policy and bucket.</summary>
    public const string Hourly = "hourly";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <param name="keep">For how long hours are kept; zero: for ever.</param>
    public static IReadOnlyList<DownSampling> Hours(TimeSpan keep) =>
    [
        new("vm_step", Hourly, ["cell", "vm"], [Mean("cpu"), Max("cpu_peak"), Mean("memory"), Mean("free_cores"), new("free_cores", DownSamplingFunction.Min, "free_cores_min")], Hour, keep),
        new("community_step", Hourly, ["cell", "community"], [Mean("free_cores"), new("free_cores", DownSamplingFunction.Min, "free_cores_min"), Mean("cores")], Hour, keep),
        new("function_dispatch", Hourly, ["tenant", "outcome", "reject_code"], [new("considered", DownSamplingFunction.Count, "calls"), Mean("cost_s")], Hour, keep),
        new("function_completion", Hourly, ["tenant", "function", "outcome", "cold"], [new("wall_ms", DownSamplingFunction.Count, "calls"), Mean("wall_ms"), new("wall_ms", DownSamplingFunction.Max, "wall_ms_max")], Hour, keep),
        new("function_completion", Hourly, ["tenant", "outcome"], [new("wall_ms", DownSamplingFunction.Count, "calls"), Mean("wall_ms"), Max("wall_ms", "wall_ms_max"), Sum("cpu_s"), Sum("cold_start_ms")], Hour, keep, "tenant"),
    ];

    private static DownSampledField Mean(string field) => new(field, DownSamplingFunction.Mean, field);

    private static DownSampledField Max(string field, string? name = null) => new(field, DownSamplingFunction.Max, name ?? field);

    private static DownSampledField Sum(string field) => new(field, DownSamplingFunction.Sum, field);
}
