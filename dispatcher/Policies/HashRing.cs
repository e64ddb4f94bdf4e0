using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>A ring of consistent hashing over the live VMs.</summary>
internal sealed class HashRing
{
    private const int NodesPerVm = 100;

    private ulong[] keys = [];
    private int[] rows = [];
    private int[] built = [];

    /// <summary>Places on the ring.</summary>
    public int Length => rows.Length;

    /// <summary>Row of the VM at a place; places go on in circles.</summary>
    public int VmAt(int place) => rows[place % rows.Length];

    /// <summary>Builds the ring anew when other VMs are live.</summary>
    public void Follow(VmTable vms)
    {
        if (vms.Live.SequenceEqual(built)) return;
        built = vms.Live.ToArray();
        keys = new ulong[built.Length * NodesPerVm];
        rows = new int[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            rows[i] = built[i / NodesPerVm];
            keys[i] = SplitMix.Mix(vms.NameHash[rows[i]] + (ulong)(i % NodesPerVm));
        }
        Array.Sort(keys, rows);
    }

    /// <summary>The first place at or after a hash.</summary>
    public int PlaceOf(ulong hash)
    {
        int place = Array.BinarySearch(keys, hash);
        return place < 0 ? ~place : place;
    }
}
