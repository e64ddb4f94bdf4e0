using System.Globalization;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>
/// vm.predictions to <c>vm_prediction</c>: one point per VM and step, at the end of the step that it was made from.
/// Fields carry the horizon in their names: <c>busy_30m</c>, <c>q90_30m</c>.
/// </summary>
public static class PredictionPoints
{
    /// <summary>age_s of a VM that was never heard of.</summary>
    private const uint NeverKnown = 0xFFFFFFFF;

    public static void Map(PredictionChunk chunk, ICollection<Point> into)
    {
        long time = EventTime.Ns(chunk.StepEndUnixMs);
        string[] busyNames = [.. chunk.HorizonS.Select(h => "busy_" + Horizon(h))];
        string[] quantileNames = [.. chunk.HorizonS.SelectMany(h => chunk.Level.Select(l => $"{Level(l)}_{Horizon(h)}"))];
        for (int row = 0; row < chunk.Vm.Count; row++)
        {
            List<Field> fields = new(busyNames.Length + quantileNames.Length + 5)
            {
                new Field("cores", (double)chunk.Cores[row]),
                new Field("community", (long)chunk.Community[row]),
                new Field("model", chunk.Model),
            };
            if (chunk.AgeS[row] != NeverKnown)
            {
                fields.Add(new Field("age_s", (long)chunk.AgeS[row]));
                fields.Add(new Field("cpu", (double)chunk.CpuUtilization[row]));
            }
            for (int i = 0; i < busyNames.Length; i++) fields.Add(new Field(busyNames[i], (double)chunk.BusyProbability[(row * busyNames.Length) + i]));
            for (int i = 0; i < quantileNames.Length; i++) fields.Add(new Field(quantileNames[i], (double)chunk.PeakQuantile[(row * quantileNames.Length) + i]));
            into.Add(new Point("vm_prediction", [new Tag("cell", chunk.Cell), new Tag("vm", chunk.Vm[row])], [.. fields], time));
        }
    }

    /// <summary>1800 is 30m, 90 is 90s.</summary>
    private static string Horizon(uint seconds) =>
        seconds % 60 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m") : string.Create(CultureInfo.InvariantCulture, $"{seconds}s");

    /// <summary>.9 is q90, .999 is q99_9: a dot in a field's name would have to be quoted in every query.</summary>
    private static string Level(float level) =>
        "q" + Math.Round((decimal)level * 100, 3).ToString("0.###", CultureInfo.InvariantCulture).Replace('.', '_');
}
