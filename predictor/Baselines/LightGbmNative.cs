using System.Runtime.InteropServices;

namespace Pipeline.Predictor.Baselines;

/// <summary>The few functions of LightGBM's C interface that fitting and predicting need (LightGBM 4, include/LightGBM/c_api.h).</summary>
internal static partial class LightGbmNative
{
    private const string Library = "lib_lightgbm";

    public const int Float32 = 0;

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LGBM_DatasetCreateFromMat(
        in float data, int dataType, int rows, int columns, int isRowMajor, string parameters, nint reference, out nint dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LGBM_DatasetSetField(nint dataset, string field, in float data, int count, int dataType);

    [LibraryImport(Library)]
    internal static partial int LGBM_DatasetFree(nint dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LGBM_BoosterCreate(nint dataset, string parameters, out nint booster);

    [LibraryImport(Library)]
    internal static partial int LGBM_BoosterUpdateOneIter(nint booster, out int finished);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LGBM_BoosterPredictForMat(
        nint booster, in float data, int dataType, int rows, int columns, int isRowMajor, int predictType, int firstIteration, int iterations, string parameters,
        out long count, ref double result);

    [LibraryImport(Library)]
    internal static partial int LGBM_BoosterFree(nint booster);

    [LibraryImport(Library)]
    private static partial nint LGBM_GetLastError();

    /// <exception cref="DllNotFoundException">There is no LightGBM for this machine.</exception>
    public static void EnsureLoaded() => _ = LGBM_GetLastError();

    /// <summary>What to tell where it does not load.</summary>
    public static string Missing(DllNotFoundException e) => $"LightGBM does not load on this machine ({e.Message.Split(". ")[0]}); on Linux it needs x64 and libgomp";

    /// <exception cref="InvalidOperationException">LightGBM reports an error.</exception>
    public static void Check(int result)
    {
        if (result != 0) throw new InvalidOperationException($"LightGBM: {Marshal.PtrToStringUTF8(LGBM_GetLastError())}");
    }
}
