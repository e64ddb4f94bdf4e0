namespace Pipeline.Predictor.Network;

/// <summary>
/// What a network learns first of all. Quantiles go on improving long after the few VMs that become busy have been learned by heart: where they count much, chances are worse,
/// and the other way round. So there is a network for each; of chances both are asked, since their errors differ.
/// </summary>
/// <param name="Name">What its parameters' names begin with.</param>
/// <param name="PinballWeight">What the loss of the quantiles counts.</param>
/// <param name="BusyWeight">What the loss of becoming busy counts.</param>
/// <param name="Passes">So often every snapshot is seen where the number of updates is not given.</param>
public sealed record Objective(string Name, float PinballWeight, float BusyWeight, double Passes)
{
    public static readonly Objective Quantiles = new("quantiles", 10f, 1f, 11);

    /// <summary>Chances of becoming busy. Its quantiles are not served; chances begin at what they say.</summary>
    public static readonly Objective Busy = new("busy", .3f, 1f, 6.5);

    public static readonly IReadOnlyList<Objective> All = [Quantiles, Busy];

    /// <summary>The loss that is made small, of those of <see cref="TrainingGraph.Losses"/>.</summary>
    public double Loss(IReadOnlyList<float> losses) => PinballWeight * (double)losses[0] + BusyWeight * losses[1];

    /// <summary>What the names of a network's parameters begin with in a served model.</summary>
    /// <param name="number">Counts the networks of this objective, from 0.</param>
    public string Prefix(int number) => $"{Name}{number}.";
}
