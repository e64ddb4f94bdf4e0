using System.Globalization;

namespace Pipeline.Predictor.Commands;

/// <summary>Slots of a trace, both ends counted.</summary>
public sealed record SlotRange(int First, int Last)
{
    /// <summary>Reads "A..B".</summary>
    public static bool TryParse(string text, out SlotRange? range)
    {
        string[] parts = text.Split("..");
        range = parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) && last >= first
            ? new SlotRange(first, last)
            : null;
        return range is not null;
    }

    public bool Holds(int slot) => slot >= First && slot <= Last;

    /// <summary>Every so many slots whose next <paramref name="horizon"/> are within the range too.</summary>
    public IEnumerable<int> Slots(int horizon, int every) => Slots(horizon, every, Last);

    /// <summary>Every so many slots of the range whose next <paramref name="horizon"/> end with <paramref name="last"/> or before.</summary>
    public IEnumerable<int> Slots(int horizon, int every, int last)
    {
        for (int slot = First; slot <= Last && slot + horizon <= last; slot += every) yield return slot;
    }

    public override string ToString() => $"{First}..{Last}";
}
