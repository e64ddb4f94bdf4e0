using System.Runtime.InteropServices;
using Pipeline.Predictor.Baselines;

namespace Pipeline.Tests.Unit.Predictor.Baselines;

/// <summary>LightGBM is there for x64, and on Linux it wants libgomp from the system.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LightGbmFactAttribute : FactAttribute
{
    public LightGbmFactAttribute()
    {
        if (!NativeLibrary.TryLoad("lib_lightgbm", typeof(TreeData).Assembly, null, out _)) Skip = "LightGBM does not load on this machine; it needs x64 and, on Linux, libgomp";
    }
}
