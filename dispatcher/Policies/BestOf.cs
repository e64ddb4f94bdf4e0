using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>The live VM with the memory and the highest score, ties at random.</summary>
internal ref struct BestOf(in CallRequest call, VmTable vms)
{
    private readonly ulong hash = call.Hash;
    private readonly VmTable vms = vms;
    private (double Score, ulong Tie) key;

    /// <summary>The best so far; -1: none.</summary>
    public int Vm { get; private set; } = -1;

    public void Offer(int vm, double score)
    {
        (double Score, ulong Tie) offered = (score, SplitMix.Mix(hash ^ vms.NameHash[vm]));
        if (Vm >= 0 && offered.CompareTo(key) <= 0) return;
        (Vm, key) = (vm, offered);
    }
}
