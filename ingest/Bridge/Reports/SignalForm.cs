namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>How a number is meant.</summary>
public enum SignalForm
{
    /// <summary>As it is now.</summary>
    Gauge,

    /// <summary>Grows from some start on.</summary>
    Cumulative,

    /// <summary>Since the observation before.</summary>
    Delta,

    /// <summary>Per second.</summary>
    Rate,
}
