namespace Pipeline.Tests.Faults.Rig;

/// <summary>
/// Compares one partition of an output topic with what should be in it, record by record as they become known, so that hardly anything has to
/// be kept. At the first record that is not what was expected it stops, and all the rest is sorted out when everything is known.
/// </summary>
internal sealed class OutputMatch
{
    private readonly Queue<OutputRecord> expected = new(), found = new();
    private readonly HashSet<string> matched = new(StringComparer.Ordinal);
    private bool stuck;

    /// <summary>Outputs that are expected and not there yet.</summary>
    public int Missing => Math.Max(0, expected.Count - found.Count);

    public void Expect(OutputRecord record)
    {
        expected.Enqueue(record);
        Match();
    }

    public void Find(OutputRecord record)
    {
        found.Enqueue(record);
        Match();
    }

    /// <summary>Sorts out what does not match; says of each difference what it is.</summary>
    /// <returns>Outputs that are not there, and those that are there but should not be, or not like this. Repeats are neither: the books count them.</returns>
    public (int Lost, int Differing) Finish(Action<string> say)
    {
        Dictionary<string, OutputRecord> open = expected.ToDictionary(e => e.Identity, StringComparer.Ordinal);
        int differing = 0, repeated = 0;
        foreach (OutputRecord record in found)
        {
            if (matched.Contains(record.Identity))
            {
                repeated++;
                say($"{record.Place}: {record.Identity} stands there twice");
            }
            else if (!open.Remove(record.Identity, out OutputRecord? wanted))
            {
                differing++;
                say($"{record.Place}: {record.Identity} was not to be written");
            }
            else
            {
                matched.Add(record.Identity);
                if (record.SaysTheSameAs(wanted)) continue;
                differing++;
                say($"{record.Place}: {record.Identity} is {Difference(record.Text, wanted.Text)}");
            }
        }
        foreach (OutputRecord missing in open.Values) say($"{missing.Place}: {missing.Identity} is not there");
        if (stuck && open.Count + differing + repeated == 0)
        {
            differing++;
            say($"{found.Peek().Place}: from {found.Peek().Identity} on the order is another");
        }
        return (open.Count, differing);
    }

    private void Match()
    {
        while (!stuck && expected.Count > 0 && found.Count > 0)
        {
            if (expected.Peek().Identity != found.Peek().Identity || !expected.Peek().SaysTheSameAs(found.Peek()))
            {
                stuck = true;
                return;
            }
            matched.Add(expected.Dequeue().Identity);
            found.Dequeue();
        }
    }

    /// <summary>The surroundings of the first character that differs.</summary>
    private static string Difference(string is_, string should)
    {
        const int Before = 60, After = 100;
        int at = 0;
        while (at < Math.Min(is_.Length, should.Length) && is_[at] == should[at]) at++;
        int from = Math.Max(0, at - Before);
        return $"…{Cut(is_)}… and should be …{Cut(should)}…";

        string Cut(string text) => from >= text.Length ? "" : text[from..Math.Min(text.Length, at + After)];
    }
}
