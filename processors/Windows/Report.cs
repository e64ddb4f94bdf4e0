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

    public static Report Of(VmReport report) => new() { Name = report.Vm, Values = ReportValues.Of(report) };
}
