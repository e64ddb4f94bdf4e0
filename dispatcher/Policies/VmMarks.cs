namespace Pipeline.Dispatcher.Policies;

/// <summary>A set of VM rows that is emptied in no time.</summary>
internal sealed class VmMarks
{
    private int[] marks = [];
    private int stamp;

    /// <summary>Empties the set and makes room for rows below <paramref name="count"/>.</summary>
    public void Clear(int count)
    {
        if (marks.Length < count) Array.Resize(ref marks, Math.Max(count, marks.Length * 2));
        if (++stamp != int.MaxValue) return;
        Array.Clear(marks);
        stamp = 1;
    }

    /// <summary>False when it was in it already.</summary>
    public bool Add(int vm)
    {
        if (marks[vm] == stamp) return false;
        marks[vm] = stamp;
        return true;
    }

    public bool Contains(int vm) => marks[vm] == stamp;
}
