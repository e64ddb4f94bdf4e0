namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>How a number is meant. The numbers stand in <see cref="Pipeline.Schemas.MachineObservation"/>.</summary>
public enum SignalForm
{
    /// <summary>As it is now.</summary>
    Gauge = 0,

    /// <summary>Grows from some start on.</summary>
    Cumulative = 1,

    /// <summary>Since the observation before.</summary>
    Delta = 2,

    /// <summary>Per second.</summary>
    Rate = 3,
}
