using System.Globalization;
using System.Text;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>Reads of a line of line protocol what a point is known by: measurement, tags, time.</summary>
internal static class LineIdentity
{
    /// <summary>The point without its fields.</summary>
    public static Point Parse(string line)
    {
        int at = 0;
        string measurement = Word(line, ref at, ", ");
        List<Tag> tags = [];
        while (line[at] == ',')
        {
            at++;
            string key = Word(line, ref at, "=");
            at++;
            tags.Add(new Tag(key, Word(line, ref at, ", ")));
        }
        long time = long.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
        return new Point(measurement, [.. tags], [], time);
    }

    /// <summary>Up to the first of some characters that no backslash stands before.</summary>
    private static string Word(string line, ref int at, string ends)
    {
        StringBuilder word = new();
        for (; at < line.Length && !ends.Contains(line[at], StringComparison.Ordinal); at++)
        {
            if (line[at] == '\\' && at + 1 < line.Length && line[at + 1] is ',' or '=' or ' ') at++;
            word.Append(line[at]);
        }
        return word.ToString();
    }
}
