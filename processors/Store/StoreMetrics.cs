using System.Diagnostics.Metrics;

namespace Pipeline.Processors.Store;

/// <summary>What the time-series writer does, as metrics of the meter "Pipeline.Store": they are there when the store is away, too.</summary>
internal static class StoreMetrics
{
    private static readonly Meter Meter = new("Pipeline.Store");

    public static readonly Counter<long> Stored = Meter.CreateCounter<long>("store.points.stored", "{point}", "points that the store has acknowledged");
    public static readonly Counter<long> Rejected = Meter.CreateCounter<long>("store.rejected", "{record}", "records that could not be read, or with points that the store refused for good");
    public static readonly Counter<long> FieldsDropped = Meter.CreateCounter<long>("store.fields.dropped", "{field}", "fields that no store can hold, of points that were stored");
    public static readonly Counter<long> Retries = Meter.CreateCounter<long>("store.retries", "{batch}", "batches that had to be tried again");
    public static readonly Counter<long> Outcomes = Meter.CreateCounter<long>("store.outcomes.stored", "{point}", "outcomes of predictions that the store has acknowledged");
    public static readonly Counter<long> OutcomesMissed = Meter.CreateCounter<long>("store.outcomes.missed", "{prediction}", "predictions without outcome: a step was silent or is no longer known, or there are too many VMs");
}
