using System.Globalization;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Similarity;

/// <summary>What one side measured of itself.</summary>
/// <param name="Runs">Seconds of the wall and of the processor, of each repetition.</param>
/// <param name="PeakMiB">Highest resident memory of the process while it ran, its input included.</param>
/// <param name="Note">What it ran on.</param>
internal sealed record SideRun(IReadOnlyList<(double Wall, double Cpu)> Runs, double PeakMiB, string Note)
{
    /// <summary>The run with the shortest time of the wall: what else the machine does can only lengthen it.</summary>
    public (double Wall, double Cpu) Best => Runs.MinBy(run => run.Wall);

    /// <summary>Reads the lines <c>run WALL CPU</c>, <c>peak MIB</c> and <c>note TEXT</c>.</summary>
    public static SideRun Parse(string output)
    {
        List<(double, double)> runs = [];
        double peak = 0;
        string note = "";
        foreach (string line in output.Split('\n', StringSplitOptions.TrimEntries))
        {
            string[] words = line.Split(' ');
            if (words[0] == "run") runs.Add((Number(words[1]), Number(words[2])));
            else if (words[0] == "peak") peak = Number(words[1]);
            else if (words[0] == "note") note = line[5..];
        }
        return runs.Count > 0 ? new SideRun(runs, peak, note) : throw new UserException($"a side measured nothing: {output}");
    }

    private static double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);
}
