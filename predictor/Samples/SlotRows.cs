namespace Pipeline.Predictor.Samples;

/// <summary>What one slot's snapshot says of each VM besides its window.</summary>
/// <param name="Features">[vms, S].</param>
/// <param name="Withheld">The same where own reports are withheld, once per draw or age that was asked for.</param>
/// <param name="Neighbours">[vms, K] rows, -1: none; one array for all slots between two refreshes of the graph.</param>
/// <param name="Weights">[vms, K] correlations.</param>
public sealed record SlotRows(float[] Features, IReadOnlyList<WithheldFeatures> Withheld, int[] Neighbours, float[] Weights)
{
    /// <summary>Features with the same number of own steps withheld of all VMs.</summary>
    /// <exception cref="InvalidOperationException">The snapshot was not made with that age.</exception>
    public float[] FeaturesAt(int stale) => stale == 0 ? Features : Withheld.First(w => w.Steps.Length > 0 && w.Steps[0] == stale).Features;
}

/// <summary>Features of a snapshot in which each VM's own newest steps are withheld.</summary>
/// <param name="Steps">[vms]: how many.</param>
/// <param name="Features">[vms, S].</param>
public sealed record WithheldFeatures(int[] Steps, float[] Features);
