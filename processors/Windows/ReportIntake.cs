using System.Runtime.InteropServices;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;
using Pipeline.Schemas.Wire;

namespace Pipeline.Processors.Windows;

/// <summary>
/// The short way from a record's bytes to reports: no object is made, names are looked up as bytes. It takes only what is common, a sound
/// record of VMs that are all known; whatever else it is - a new VM, something wrong, a name beyond ASCII - it leaves to
/// <see cref="StreamRecord.TryRead"/>, which gives the same reports and can say what is wrong.
/// </summary>
internal sealed class ReportIntake
{
    private readonly List<Report> reports = [];

    /// <summary>Reads all reports of a record of a cell; false where the plain way has to be taken.</summary>
    /// <param name="record">A record of vm.metrics whose key is the cell's name.</param>
    /// <param name="vms">The VMs of that cell.</param>
    /// <param name="taken">The reports, until the next call.</param>
    public bool TryRead(in StreamRecord record, VmDirectory vms, out ReadOnlySpan<Report> taken)
    {
        reports.Clear();
        taken = default;
        if (record.Value.Length > Topics.MaxValueBytes) return false;
        ReportReader reader = new(record.Value);
        while (reader.TryNext(out ReportValues values, out ReadOnlySpan<byte> vm, out ReadOnlySpan<byte> cell))
        {
            // A name that is known was found sound when it came.
            if (!cell.SequenceEqual(record.Key) || vms.Find(vm) is not { } known || !MetricsValidator.AreSound(values, record.TimestampUnixMs)) return false;
            reports.Add(new Report { Vm = known, Values = values });
        }
        taken = CollectionsMarshal.AsSpan(reports);
        return !reader.Failed && taken.Length is > 0 and <= MetricsValidator.ReportsMax;
    }
}
