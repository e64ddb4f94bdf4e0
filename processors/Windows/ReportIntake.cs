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
    /// <summary>Filled in place and used again; as long as the largest record so far.</summary>
    private Report[] reports = new Report[2];

    /// <summary>Reads all reports of a record of a cell; false where the plain way has to be taken.</summary>
    /// <param name="record">A record of vm.metrics whose key is the cell's name.</param>
    /// <param name="vms">The VMs of that cell.</param>
    /// <param name="taken">The reports, until the next call.</param>
    public bool TryRead(in StreamRecord record, VmDirectory vms, out ReadOnlySpan<Report> taken)
    {
        int count = 0;
        taken = default;
        if (record.Value.Length > Topics.MaxValueBytes) return false;
        ReportReader reader = new(record.Value);
        while (true)
        {
            if (count == reports.Length) Array.Resize(ref reports, 2 * count);
            ref Report report = ref reports[count];
            if (!reader.TryNext(out report.Values, out ReadOnlySpan<byte> vm, out ReadOnlySpan<byte> cell)) break;
            // A name that is known was found sound when it came.
            if (!cell.SequenceEqual(record.Key) || !MetricsValidator.AreSound(report.Values, record.TimestampUnixMs)) return false;
            if (++count > MetricsValidator.ReportsMax || (report.Vm = vms.Find(vm)) is null) return false;
        }
        taken = reports.AsSpan(0, count);
        return count > 0 && !reader.Failed;
    }
}
