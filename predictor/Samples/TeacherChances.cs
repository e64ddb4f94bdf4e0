namespace Pipeline.Predictor.Samples;

/// <summary>
/// What another model, that has not seen them, expects of the samples of a trace: chances that a VM's peak reaches the highest threshold, with its own reports and without
/// those that <see cref="WithheldFeatures"/> withholds. A network is taught them along with what came true: they say how likely it was, where the truth is
/// one throw of the dice (Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015).
/// </summary>
/// <param name="horizons">Number of horizons H.</param>
public sealed class TeacherChances(int slots, int vms, int horizons)
{
    private readonly Half[]?[] _chances = new Half[slots][];

    /// <summary>Sets what is expected at a slot.</summary>
    /// <param name="chances">[2, vms, H]: first with all reports, then without the withheld.</param>
    public void Set(int slot, Half[] chances)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(chances.Length, 2 * vms * horizons);
        _chances[slot] = chances;
    }

    /// <summary>Chances of one VM over all horizons, [H]; empty where they are not known.</summary>
    public ReadOnlySpan<Half> Of(int slot, int vm, bool withheld) =>
        _chances[slot] is { } all ? all.AsSpan(((withheld ? vms : 0) + vm) * horizons, horizons) : [];
}
