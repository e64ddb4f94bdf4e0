using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>A few different live VMs with the memory, drawn at random.</summary>
internal static class Probes
{
    /// <summary>Draws for each VM wanted: where few have the memory, fewer come.</summary>
    private const int DrawsPerProbe = 16;

    /// <summary>Fills <paramref name="into"/> and returns how many came; 0 only when no live VM has the memory.</summary>
    public static int Draw(in CallRequest call, VmTable vms, Span<int> into)
    {
        ReadOnlySpan<int> live = vms.Live;
        int count = 0;
        if (live.IsEmpty) return 0;
        SplitMix random = new(call.Hash);
        for (int draws = into.Length * DrawsPerProbe; draws > 0 && count < into.Length; draws--)
        {
            int vm = live[random.Next(live.Length)];
            if (vms.Fits(vm, call.MemoryBytes) && !into[..count].Contains(vm)) into[count++] = vm;
        }
        for (int i = 0; count == 0 && i < live.Length; i++)
            if (vms.Fits(live[i], call.MemoryBytes)) into[count++] = live[i];
        return count;
    }
}
