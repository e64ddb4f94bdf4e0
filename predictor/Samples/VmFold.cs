using System.Globalization;
using Pipeline.Infra.Randomness;

namespace Pipeline.Predictor.Samples;

/// <summary>One of several equal parts of a fleet's VMs, by the hash of their names: what a model knows of VMs that it never learned from is measured on such a part.</summary>
/// <param name="Part">From 1 on.</param>
/// <param name="Parts">Two or more.</param>
public sealed record VmFold(int Part, int Parts)
{
    /// <summary>Reads "1/5".</summary>
    public static bool TryParse(string text, out VmFold? fold)
    {
        string[] parts = text.Split('/');
        fold = parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int part)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int all) && part >= 1 && all >= 2 && part <= all
            ? new VmFold(part, all)
            : null;
        return fold is not null;
    }

    public bool Holds(string vm) => (int)(NameHash.Of(vm) % (ulong)Parts) == Part - 1;

    public override string ToString() => $"{Part}/{Parts}";
}
