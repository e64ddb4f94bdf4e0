namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>What the values of a series are in the terms of reports.</summary>
/// <param name="Kind">What they are about.</param>
/// <param name="Instance">CPU, disk or interface; empty where there is only one.</param>
/// <param name="State">State of CPU or memory, by the kernel's names.</param>
/// <param name="Form">How they are meant.</param>
/// <param name="Divisor">100 for percents, else 1.</param>
internal sealed record SeriesMapping(SignalKind Kind, string Instance, string State, SignalForm Form, double Divisor = 1)
{
    public Observation Observe(double value) => new(Kind, Instance, State, Form, value / Divisor);
}
