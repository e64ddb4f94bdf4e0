using System.Globalization;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>
/// What became of the reports of a chunk of a cell. Summed over chunks and time: reports made = in_time + revised + late + missing -
/// recovered, of which missing - recovered never arrived.
/// </summary>
internal static class Completeness
{
    public static Point PointOf(StepChunk chunk, long timeUnixNs)
    {
        long reporting = 0, reports = 0, revised = 0, late = 0, repeated = 0, missing = 0, recovered = 0;
        foreach (VmStep vm in chunk.Vms)
        {
            if (vm.Reports > 0) reporting++;
            reports += vm.Reports;
            revised += vm.Revised;
            late += vm.Late;
            repeated += vm.RepeatedReports;
            missing += vm.Missing;
            recovered += vm.Recovered;
        }
        return new Point(
            "cell_step",
            [new("cell", chunk.Cell), new("chunk", chunk.Chunk.ToString(CultureInfo.InvariantCulture))],
            [
                new("vms", (long)chunk.Vms.Count), new("vms_reporting", reporting), new("in_time", reports - revised), new("revised", revised), new("late", late),
                new("repeated", repeated), new("missing", missing), new("recovered", recovered),
            ],
            timeUnixNs);
    }
}
