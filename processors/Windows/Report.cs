using Pipeline.Schemas;
using Pipeline.Schemas.Wire;

namespace Pipeline.Processors.Windows;

/// <summary>A validated report as the windows take it.</summary>
internal struct Report
{
    /// <summary>Who reported; null: only <see cref="Name"/> is known.</summary>
    public VmState? Vm;

    /// <summary>Name of a VM that may have to be added.</summary>
    public string? Name;

    public ReportValues Values;

    /// <summary>Whom it called; null: nobody.</summary>
    public IReadOnlyList<CallRate>? Calls;

    public static Report Of(VmReport report) => new() { Name = report.Vm, Values = ReportValues.Of(report), Calls = report.Calls.Count > 0 ? report.Calls : null };
}
